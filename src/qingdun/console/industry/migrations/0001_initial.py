"""Lists for parties, restrictions, appeals, clocks that ran out."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0008_compliance_officers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ProposalRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('proposed', models.PositiveIntegerField()),
                ('false_blocks', models.PositiveIntegerField(help_text='Of this week, when it ran')),
                ('halted', models.BooleanField()),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('shut', 'Shut the number'), ('suspend', 'Suspend the card'), ('control', 'Control the account'), ('clear', 'Clear the account away'), ('punish', 'Punish over cards')], max_length=10)),
                ('basis', models.CharField(help_text='Code of the law it rests on', max_length=16)),
                ('rule_version', models.CharField(max_length=24)),
                ('reason', models.CharField(max_length=300)),
                ('source', models.CharField(choices=[('hand', 'By hand'), ('file', 'By file'), ('engine', 'By the engine'), ('finding', 'From a finding')], max_length=8)),
                ('state', models.CharField(choices=[('drafted', 'Waits for confirmation'), ('confirmed', 'Waits for a second person'), ('sent', 'Sent to the party'), ('cancelled', 'Cancelled')], default='drafted', max_length=10)),
                ('rows', models.PositiveIntegerField(help_text='How many restrictions were proposed with it')),
                ('needs_two', models.BooleanField(help_text='Whether two persons must confirm it')),
                ('answer_h', models.PositiveSmallIntegerField(help_text='Hours the party has to answer')),
                ('proposed_at', models.DateTimeField(db_index=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(db_index=True, null=True)),
                ('due_at', models.DateTimeField(db_index=True, null=True)),
                ('key', models.CharField(help_text='Of the form; the same form is taken once', max_length=64, unique=True)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'list for a party',
                'ordering': ['-proposed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.CharField(choices=[('answer', 'Answer to a list'), ('appeal', 'Decision of an appeal'), ('release', 'Release')], max_length=8)),
                ('about', models.PositiveBigIntegerField(help_text='Id of the list, restriction or appeal it is about')),
                ('due_at', models.DateTimeField(db_index=True)),
                ('found_at', models.DateTimeField()),
                ('level', models.PositiveSmallIntegerField(default=1, help_text='How often it was told above')),
                ('told_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'clock that ran out',
                'ordering': ['-due_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField(help_text='Its place in the list')),
                ('subject_kind', models.CharField(choices=[('number', 'Phone number'), ('card', 'Card'), ('account', 'Bank account'), ('person', 'Person')], max_length=8)),
                ('subject', models.CharField(db_index=True, max_length=64)),
                ('holder', models.CharField(blank=True, max_length=64)),
                ('corporate', models.BooleanField(default=False, help_text='Whether the holder is an enterprise')),
                ('kind', models.CharField(choices=[('shut', 'Shut the number'), ('suspend', 'Suspend the card'), ('control', 'Control the account'), ('clear', 'Clear the account away'), ('punish', 'Punish over cards')], max_length=10)),
                ('basis', models.CharField(max_length=16)),
                ('rule_version', models.CharField(max_length=24)),
                ('reason', models.CharField(max_length=300)),
                ('evidence', models.JSONField(default=list, help_text='Sentences, each with where it is from')),
                ('term_days', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('ordered', 'Waits for the party'), ('disputed', 'Disputed by the party'), ('in_force', 'In force'), ('releasing', 'To be released'), ('released', 'Released'), ('refused', 'Not confirmed'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer_note', models.CharField(blank=True, help_text='Why the party disputes it', max_length=300)),
                ('notice_way', models.CharField(blank=True, choices=[('sms', 'By SMS'), ('call', 'By phone'), ('letter', 'By letter'), ('counter', 'At the counter')], max_length=8)),
                ('noticed_at', models.DateTimeField(null=True)),
                ('since', models.DateTimeField(db_index=True, help_text='Since when it is in force', null=True)),
                ('until', models.DateTimeField(db_index=True, null=True)),
                ('release_reason', models.CharField(blank=True, max_length=300)),
                ('unfounded_at', models.DateTimeField(db_index=True, help_text='When it was found to be wrong', null=True)),
                ('release_due_at', models.DateTimeField(db_index=True, null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restrictions', to='industry.assignment')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
            options={
                'verbose_name': 'restriction',
                'ordering': ['-proposed_at', 'assignment', 'row'],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('appellant', models.CharField(max_length=64)),
                ('text', models.CharField(max_length=500)),
                ('state', models.CharField(choices=[('filed', 'Waits for a decision'), ('upheld', 'Upheld'), ('rejected', 'Rejected')], default='filed', max_length=10)),
                ('filed_at', models.DateTimeField(db_index=True)),
                ('due_at', models.DateTimeField(db_index=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=300)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('filed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('restriction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='industry.restriction')),
            ],
            options={
                'verbose_name': 'appeal',
                'ordering': ['-filed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('digest', models.CharField(help_text='SHA-256 of what was sent, in hex', max_length=64)),
                ('answer', models.JSONField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
            ],
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), models.Q(('confirmed_by__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='sent_list_has_a_human'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('needs_two', True), ('state', 'sent'), _negated=True), ('second_by__isnull', False), _connector='OR'), name='large_list_has_two_humans'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('second_by__isnull', True), models.Q(('second_by', models.F('confirmed_by')), _negated=True), _connector='OR'), name='two_humans_are_two'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=models.UniqueConstraint(fields=('clock', 'about', 'due_at'), name='one_breach_a_clock'),
        ),
        migrations.AddIndex(
            model_name='restriction',
            index=models.Index(fields=['party', 'state'], name='restriction_of_party'),
        ),
        migrations.AddIndex(
            model_name='restriction',
            index=models.Index(fields=['kind', 'since'], name='restriction_figures'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.UniqueConstraint(fields=('assignment', 'row'), name='one_restriction_a_row'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'ordered', 'disputed', 'in_force', 'releasing']), models.Q(('subject_kind', 'person'), _negated=True)), fields=('subject_kind', 'subject', 'kind'), name='one_open_restriction_a_subject'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ordered', 'disputed', 'in_force', 'releasing', 'released', 'withdrawn']), _negated=True), ('confirmed_by__isnull', False), _connector='OR'), name='restriction_has_a_human'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), models.Q(('since__isnull', False), ('until__isnull', False)), _connector='OR'), name='restriction_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(condition=models.Q(('subject_kind', 'person'), ('party__isnull', False), _connector='XOR'), name='persons_have_no_party'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), _negated=True), models.Q(('reason', ''), _negated=True), models.Q(('rule_version', ''), _negated=True)), name='restriction_has_grounds'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'filed')), fields=('restriction',), name='one_appeal_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'filed'), ('decided_by__isnull', False), _connector='OR'), name='appeal_is_decided_by_a_human'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('party', 'key'), name='one_submission_a_key'),
        ),
    ]
