"""A form as a page: what is wrong stands beside its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingdun.console.kernel.forms import Choices, FieldFaults, Form, read
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
    """The form, or once it was sent without a fault, the page of what it made. `back` is where it was called
    from; `among` gives what can be chosen for a kind of field among the rows the viewer sees; `stands` is
    what its fields say before anything is typed.
    """
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            texts = {one.name: request.POST.get(one.name, "") for one in form.fields}
            made = form.act(viewer_of(request), parent, read(form.fields, texts))
        except FieldFaults as wrong:
            faults = wrong.faults
        except RefusedError as refused:
            faults = {"": str(refused)}
        else:
            if form.own or form.parent:
                return redirect(form.own or form.parent, made.pk if form.own else parent)
            return redirect(back)
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
        "today": "" if stands else f"{timezone.localdate()}",
    }
    return render(request, "kernel/form.html", context, status=422 if faults else 200)
