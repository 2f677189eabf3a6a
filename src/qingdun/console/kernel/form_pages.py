"""A form as a page: what is wrong stands beside its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from qingdun.console.kernel.forms import Choices, FieldFaults, Form, read
from qingdun.console.kernel.submissions import KEY, new_key, once, stamp
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import RefusedError


def form_page(
    request: HttpRequest,
    form: Form,
    parent: int,
    back: str,
    among: Callable[[str], Choices],
    stands: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The form, or once it was sent without a fault, the page of what it made; sent twice, it makes that
    once. `back` is where it was called from; `among` gives what can be chosen for a kind of field among the
    rows the viewer sees; `stands` is what its fields say before anything is typed.
    """
    viewer, key = viewer_of(request), request.POST.get(KEY, "")
    texts = {one.name: request.POST.get(one.name, "") for one in form.fields}

    def act() -> str:
        made = form.act(viewer, parent, read(form.fields, texts))
        if form.own:
            return resolve_url(form.own, *filter(None, [form.ledger]), made.pk)
        return resolve_url(form.parent, parent) if form.parent else back

    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            return redirect(once(viewer, stamp(key, texts), act))
        except FieldFaults as wrong:
            faults = wrong.faults
        except RefusedError as refused:
            faults = {"": str(refused)}
    typed = request.POST if request.method == "POST" else {**(stands or {}), **request.GET.dict()}
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
        # What changes a row that stands may be sent again: it says how the row shall be.
        "key": "" if stands is not None else key or new_key(),
        "today": "" if stands else f"{timezone.localdate()}",
    }
    return render(request, "kernel/form.html", context, status=422 if faults else 200)
