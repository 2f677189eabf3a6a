"""Suspended cards end by a term and are restored by their operator; rows that are insisted upon have a clock of
their own; punishments know the day of the deed; the blacklist takes two people for many; names of parties.
"""

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Subquery

from qingdun.console.industry.guards import guard

PAIRS = [
    ("flagged", "noticed"),
    ("kept", "objected"),
    ("kept", "restoring"),
    ("noticed", "passed"),
    ("noticed", "suspended"),
    ("objected", "kept"),
    ("objected", "restored"),
    ("objected", "restoring"),
    ("restoring", "restored"),
    ("suspended", "objected"),
    ("suspended", "restored"),
    ("suspended", "restoring"),
]
ASSIGNMENTS = [
    ("confirmed", "cancelled"),
    ("confirmed", "sent"),
    ("drafted", "cancelled"),
    ("drafted", "confirmed"),
    ("drafted", "sent"),
]
SUSPENDED = ("suspended", "objected", "kept")
OPEN = ("flagged", "noticed", *SUSPENDED)
TERM = dt.timedelta(days=90)


def protect(apps, schema_editor):
    guard(schema_editor, "industry_cardcheck", PAIRS)
    guard(schema_editor, "industry_assignment", ASSIGNMENTS)


def fill(apps, schema_editor):
    """Suspensions of before end a term after they were made; one that was kept and has a newer check of the
    same number is over; what is not known of a deed is the day of its decision.
    """
    checks = apps.get_model("industry", "CardCheck").objects
    for check in checks.filter(state__in=SUSPENDED):
        check.until = (check.checked_at or check.flagged_at) + TERM
        check.save(update_fields=["until"])
    for check in checks.filter(state="kept"):
        checks.filter(pk=check.pk).update(ended_at=None)
        if checks.filter(number=check.number, state__in=OPEN).exclude(pk=check.pk).exists():
            checks.filter(pk=check.pk).update(state="restoring")
            checks.filter(pk=check.pk).update(state="restored", ended_at=check.ended_at)
    apps.get_model("industry", "Punishment").objects.update(deed_on=F("decided_on"))
    first = apps.get_model("industry", "Restriction").objects.filter(assignment=OuterRef("pk")).order_by("row")
    lists = apps.get_model("industry", "Assignment").objects
    lists.filter(Exists(first)).update(
        subject_kind=Subquery(first.values("subject_kind")[:1]), term_days=Subquery(first.values("term_days")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ('industry', '0003_registers'),
        ('kernel', '0009_publicists_and_grid_members'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PartyName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'verbose_name': 'name of a party',
            },
        ),
        migrations.RemoveConstraint(
            model_name='cardcheck',
            name='one_check_a_number',
        ),
        migrations.RemoveConstraint(
            model_name='cardcheck',
            name='suspension_has_a_human',
        ),
        migrations.AddField(
            model_name='blacklistentry',
            name='second_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='blacklistentry',
            name='waits',
            field=models.BooleanField(default=False, help_text='Whether a second person has still to confirm it'),
        ),
        migrations.AddField(
            model_name='cardcheck',
            name='until',
            field=models.DateTimeField(db_index=True, help_text='When a suspension ends by its term', null=True),
        ),
        migrations.AddField(
            model_name='punishment',
            name='deed_on',
            field=models.DateField(help_text='The day of the deed, by which the rule goes', null=True),
        ),
        migrations.AddField(
            model_name='punishment',
            name='document',
            field=models.CharField(blank=True, help_text='Number of a decision older than the ledger', max_length=64),
        ),
        migrations.AddField(
            model_name='restriction',
            name='answer_due_at',
            field=models.DateTimeField(db_index=True, help_text="Until when its party is to answer anew, once it was insisted upon; else the list's", null=True),
        ),
        migrations.AddField(
            model_name='assignment',
            name='subject_kind',
            field=models.CharField(choices=[('number', 'Phone number'), ('card', 'Card'), ('account', 'Bank account'), ('person', 'Person')], default='account', max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='assignment',
            name='term_days',
            field=models.PositiveSmallIntegerField(default=180, help_text='How long each of its restrictions lasts'),
            preserve_default=False,
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='punishment',
            name='deed_on',
            field=models.DateField(help_text='The day of the deed, by which the rule goes'),
        ),
        migrations.AlterField(
            model_name='breach',
            name='clock',
            field=models.CharField(choices=[('answer', 'Answer to a list'), ('appeal', 'Decision of an appeal'), ('release', 'Release'), ('notice', 'Notice of a second check'), ('check', 'Second real-name check'), ('objection', 'Answer to an objection'), ('restore', 'Restoring of a card')], max_length=12),
        ),
        migrations.AlterField(
            model_name='cardcheck',
            name='state',
            field=models.CharField(choices=[('flagged', 'High risk, holder to be told'), ('noticed', 'Holder told, to be checked'), ('passed', 'Check passed'), ('suspended', 'Suspended'), ('objected', 'Objection waits'), ('restoring', 'To be restored'), ('restored', 'Restored'), ('kept', 'Stays suspended')], default='flagged', max_length=10),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('notice', 'Notice of a punishment'), ('release', 'Notice that a punishment is lifted'), ('answer', 'Answer to an appeal'), ('revoke', 'Notice that a punishment is revoked before it began')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='blacklistentry',
            index=models.Index(condition=models.Q(('waits', True)), fields=['listed_on', 'by'], name='blacklist_waits'),
        ),
        migrations.AddIndex(
            model_name='restriction',
            index=models.Index(fields=['assignment', 'state'], name='restriction_of_list'),
        ),
        migrations.AddConstraint(
            model_name='blacklistentry',
            constraint=models.CheckConstraint(condition=models.Q(('second_by__isnull', True), models.Q(('second_by', models.F('by')), _negated=True), _connector='OR'), name='two_who_list_are_two'),
        ),
        migrations.AddConstraint(
            model_name='cardcheck',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['flagged', 'noticed', 'suspended', 'objected', 'restoring', 'kept'])), fields=('number',), name='one_check_a_number'),
        ),
        migrations.AddConstraint(
            model_name='cardcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['suspended', 'objected', 'restoring', 'kept']), _negated=True), ('checked_by__isnull', False), _connector='OR'), name='suspension_has_a_human'),
        ),
        migrations.AddConstraint(
            model_name='cardcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['suspended', 'objected', 'restoring', 'kept']), _negated=True), ('until__isnull', False), _connector='OR'), name='suspension_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='punishment',
            constraint=models.CheckConstraint(condition=models.Q(('deed_on__lte', models.F('decided_on'))), name='deed_comes_before_decision'),
        ),
        migrations.AddField(
            model_name='partyname',
            name='party',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation'),
        ),
        # SQLite has made the table anew for its constraints, and forgotten its triggers.
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
