"""Findings, second checks, the blacklist, interviews, punishments and their letters."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from qingdun.console.industry.guards import guard

PAIRS = {
    "industry_finding": [("pushed", "confirmed"), ("pushed", "dismissed")],
    "industry_cardcheck": [
        ("flagged", "noticed"),
        ("noticed", "passed"),
        ("noticed", "suspended"),
        ("objected", "kept"),
        ("objected", "restored"),
        ("suspended", "objected"),
        ("suspended", "restored"),
    ],
}


def protect(apps, schema_editor):
    for table, pairs in PAIRS.items():
        guard(schema_editor, table, pairs)


class Migration(migrations.Migration):

    dependencies = [
        ('industry', '0002_legal_moves'),
        ('kernel', '0008_compliance_officers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='breach',
            name='clock',
            field=models.CharField(choices=[('answer', 'Answer to a list'), ('appeal', 'Decision of an appeal'), ('release', 'Release'), ('notice', 'Notice of a second check'), ('check', 'Second real-name check'), ('objection', 'Answer to an objection')], max_length=12),
        ),
        migrations.CreateModel(
            name='Interview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('bank', 'Bank'), ('operator', 'Operator'), ('department', 'Department in charge of an industry')], max_length=10)),
                ('name', models.CharField(max_length=64)),
                ('held_on', models.DateField(db_index=True)),
                ('topic', models.CharField(max_length=200)),
                ('demands', models.CharField(max_length=500)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'interview',
                'ordering': ['-held_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Punishment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('identity', models.CharField(max_length=32)),
                ('years', models.PositiveSmallIntegerField()),
                ('rule', models.CharField(help_text='Version of the rule of punishment', max_length=16)),
                ('decided_on', models.DateField()),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('capped', models.BooleanField(default=False, help_text='Whether the cap of all punishments shortened it')),
                ('restriction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='punishment', to='industry.restriction')),
            ],
            options={
                'verbose_name': 'punishment',
            },
        ),
        migrations.CreateModel(
            name='BlacklistEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'Person who opens cards'), ('enterprise', 'Enterprise')], max_length=10)),
                ('digest', models.CharField(help_text='HMAC-SHA256 of the identity, 128 bits in hex', max_length=32)),
                ('reason', models.CharField(max_length=120)),
                ('basis', models.CharField(max_length=16)),
                ('listed_on', models.DateField(db_index=True)),
                ('until', models.DateField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'entry of the blacklist',
                'ordering': ['-listed_on', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('digest', 'kind'), name='one_open_entry_an_identity')],
            },
        ),
        migrations.CreateModel(
            name='CardCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24)),
                ('holder', models.CharField(blank=True, max_length=64)),
                ('risk', models.CharField(max_length=300)),
                ('basis', models.CharField(max_length=16)),
                ('rule_version', models.CharField(max_length=24)),
                ('state', models.CharField(choices=[('flagged', 'High risk, holder to be told'), ('noticed', 'Holder told, to be checked'), ('passed', 'Check passed'), ('suspended', 'Suspended'), ('objected', 'Objection waits'), ('restored', 'Restored'), ('kept', 'Stays suspended')], default='flagged', max_length=10)),
                ('flagged_at', models.DateTimeField(db_index=True)),
                ('due_at', models.DateTimeField(db_index=True, help_text='When the next step is due', null=True)),
                ('noticed_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('objected_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('flagged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'second real-name check',
                'ordering': ['-flagged_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['flagged', 'noticed', 'suspended', 'objected'])), fields=('number',), name='one_check_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['suspended', 'objected', 'kept']), _negated=True), ('checked_by__isnull', False), _connector='OR'), name='suspension_has_a_human')],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('number', 'Phone number'), ('account', 'Bank account')], max_length=8)),
                ('entity', models.CharField(db_index=True, max_length=64)),
                ('found_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('pushed', 'Pushed to the police'), ('confirmed', 'Confirmed'), ('dismissed', 'Not fraud')], default='pushed', max_length=10)),
                ('pushed_at', models.DateTimeField(db_index=True)),
                ('engine_at', models.DateTimeField(help_text='When the engine flagged the same thing first', null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'finding',
                'ordering': ['-pushed_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('party', 'kind', 'entity'), name='one_finding_a_party'), models.CheckConstraint(condition=models.Q(('state', 'pushed'), ('decided_by__isnull', False), _connector='OR'), name='finding_is_decided_by_a_human')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notice', 'Notice of a punishment'), ('release', 'Notice that a punishment is lifted'), ('answer', 'Answer to an appeal')], max_length=8)),
                ('year', models.PositiveSmallIntegerField()),
                ('serial', models.PositiveIntegerField()),
                ('text', models.CharField(blank=True, help_text='What is particular to this letter', max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('punishment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='industry.punishment')),
            ],
            options={
                'verbose_name': 'letter',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'year', 'serial'), name='one_letter_a_number')],
            },
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
