"""The feed of outcomes holds the calls and verdicts made before there was one, and tasks their last verdict."""

from django.db import migrations

VERDICTS = ("awakened", "not_awakened", "false_alarm", "already_paid")


def fill(apps, schema_editor):
    model = {name: apps.get_model("alerts", name) for name in ("Contact", "TaskEvent", "Alert", "Task")}
    calls = model["Contact"].objects.values_list("at", "task_id", "result", "by__username")
    said = model["TaskEvent"].objects.filter(target__in=VERDICTS)
    verdicts = [
        (at, task, target, who or "system")
        for at, task, target, verb, who in said.values_list("at", "task_id", "target", "verb", "actor__username")
        if verb.removesuffix("_by_phone") == target
    ]
    line = apps.get_model("alerts", "OutcomeLine")
    for at, task_id, result, by in sorted([*calls, *verdicts], key=lambda row: (row[0], row[1])):
        alerts = model["Alert"].objects.filter(task_id=task_id)
        known = alerts.filter(received_at__lte=at).order_by("-received_at", "-raised_at").first()
        alert = known or alerts.order_by("raised_at").first()
        if alert is not None:
            line.objects.create(
                task_id=task_id, region_path=alert.region_path, alert_id=alert.alert_id,
                person_id=alert.person_id, at=at, result=result, by=by,
            )  # fmt: skip
    for at, task_id, result, _ in sorted(verdicts):
        model["Task"].objects.filter(pk=task_id).update(verdict=result, verdict_at=at)


class Migration(migrations.Migration):
    dependencies = [("alerts", "0005_moves_are_guarded")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
