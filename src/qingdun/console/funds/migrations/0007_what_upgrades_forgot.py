"""What earlier upgrades forgot: refunds the bank had returned before freezes kept their sum, and which rows of
a half-taken reply may come again.
"""

from django.db import migrations, models

WAITING = ("running", "failed", "stopped")


def remember_returns(apps, schema_editor):
    """Freezes know what was returned of them before 0006, and hold so much less; those of that time have one
    part each. A share took its own incident's money, as far as anybody can tell now.
    """
    Freeze, Refund, Taint = (apps.get_model("funds", name) for name in ("Freeze", "Refund", "Taint"))
    Share = apps.get_model("funds", "RefundShare")
    Share.objects.filter(refund__state="returned").update(out_fen=models.F("share_fen"))
    for freeze in Freeze.objects.filter(refunds__state="returned").distinct().order_by("pk"):
        paid = list(Refund.objects.filter(freeze=freeze, state="returned").order_by("ended_at", "pk"))
        missing = min(sum(one.amount_fen for one in paid), freeze.amount_fen) - freeze.returned_fen
        if missing <= 0:
            continue
        freeze.returned_fen += missing
        whole = freeze.returned_fen == freeze.amount_fen
        if freeze.state in ("requested", "frozen"):
            for part in freeze.parts.order_by("incident_id"):
                off = min(part.fen, missing)
                missing -= off
                mine = Taint.objects.filter(account=freeze.account, incident=part.incident_id)
                mine.update(frozen_fen=models.F("frozen_fen") - off)
                if not whole:
                    part.fen -= off
                    part.save(update_fields=["fen"])
            if whole:
                freeze.state, freeze.ended_at = "returned", paid[-1].ended_at
        freeze.save(update_fields=["returned_fen", "state", "ended_at"])


def remember_rows(apps, schema_editor):
    """Replies that 0005 carried over half taken: a row of the rest that equals one taken before it, and has
    neither number nor balance, is another payment and not the same told twice.
    """
    Import, Part = apps.get_model("imports", "Import"), apps.get_model("imports", "ImportPart")
    Movement = apps.get_model("funds", "Movement")
    for file in Import.objects.filter(kind="movements", state__in=WAITING, taken__gt=0).order_by("pk"):
        if file.parts.filter(taken=True).exists():
            continue  # brought since: it has its own
        taken = Movement.objects.filter(statement=file, serial="", balance_fen=None).order_by("line")
        number = (file.parts.aggregate(last=models.Max("number"))["last"] or 0) + 1
        keys = " ".join(taken.values_list("key", flat=True))
        Part.objects.create(file=file, number=number, taken=True, text="", keys=keys)


class Migration(migrations.Migration):

    dependencies = [
        ("funds", "0006_holding_and_telling"),
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "refundshare", "out_fen",
            models.BigIntegerField(
                default=0, help_text="What of the incident's own money it took out of the account, once returned"
            ),
        ),
        migrations.AlterField(
            "document", "reason",
            models.TextField(blank=True, help_text="Why, or whose shares: as many lines as victims"),
        ),
        migrations.RunPython(remember_returns, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(remember_rows, migrations.RunPython.noop, elidable=True),
    ]
