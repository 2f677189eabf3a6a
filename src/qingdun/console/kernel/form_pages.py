"""A form as a page: what is wrong stands beside its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from qingdun.console.kernel.forms import Choices, FieldFaults, Form, read
from qingdun.console.kernel.standing import SEEN, Outdated, Standing
from qingdun.console.kernel.submissions import KEY, new_key, once, stamp
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import RefusedError


def form_page(
    request: HttpRequest,
    form: Form,
    parent: int,
    back: str,
    among: Callable[[str], Choices],
    stands: Standing | None = None,
) -> HttpResponse:
    """The form, or once it was sent without a fault, the page of what it made; sent twice, it makes that
    once. `back` is where it was called from; `among` gives what can be chosen for a kind of field among the
    rows the viewer sees; `stands` is the row that it changes, whose fields say what stands before anything is
    typed: what somebody else has changed meanwhile is told and not overwritten.
    """
    viewer, key = viewer_of(request), request.POST.get(KEY, "")
    texts = {one.name: request.POST.get(one.name, "") for one in form.fields}
    seen = request.POST.get(SEEN, "") or (stands.kept() if stands else "")

    @transaction.atomic
    def act() -> str:
        if stands is not None:
            stands.check(form.fields, request.POST.get(SEEN, ""), texts, among)
        made = form.act(viewer, parent, read(form.fields, texts))
        if form.own:
            return resolve_url(form.own, *filter(None, [form.ledger]), made.pk)
        return resolve_url(form.parent, parent) if form.parent else back

    faults: dict[str, str] = {}
    typed = {**(stands.shown() if stands else {}), **request.GET.dict()}
    if request.method == "POST":
        typed = texts
        try:
            return redirect(once(viewer, stamp(key, texts), act))
        except Outdated as changed:
            faults = changed.faults
            if stands is not None:
                stands = stands.anew()
                typed, seen = stands.merged(seen, texts), stands.kept()
        except FieldFaults as wrong:
            faults = wrong.faults
        except RefusedError as refused:
            faults = {"": str(refused)}
    fields = [
        (
            one,
            among(one.kind) or one.options(),
            typed.get(one.name, ""),
            faults.get(one.name, ""),
        )
        for one in form.fields
    ]
    known = {one.name for one in form.fields}
    context = {
        "form": form,
        "fields": fields,
        "other_faults": [words for name, words in faults.items() if name not in known],
        "back": back,
        "key_name": KEY,
        "seen_name": SEEN,
        "seen": seen,
        # What changes a row that stands may be sent again: it says how the row shall be.
        "key": "" if stands is not None else key or new_key(),
        "today": "" if stands else f"{timezone.localdate()}",
    }
    return render(request, "kernel/form.html", context, status=422 if faults else 200)
