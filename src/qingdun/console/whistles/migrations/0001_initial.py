"""Whistles, tokens of organisations, lists of alerts row by row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('alerts', '0003_gone_suspects_sources_and_terms'),
        ('kernel', '0004_alter_user_role'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ListSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='AlertList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=120)),
                ('digest', models.CharField(help_text='SHA-256 of the file, in hex', max_length=64)),
                ('encoding', models.CharField(help_text='utf-8, gb18030 or xlsx', max_length=12)),
                ('headings', models.JSONField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=dict)),
                ('levels', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('read', 'Columns to be confirmed'), ('running', 'Being taken in'), ('done', 'Taken in')], default='read', max_length=8)),
                ('rows_total', models.PositiveIntegerField()),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='whistles.listsource')),
            ],
            options={
                'verbose_name': 'list of alerts',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('who', models.CharField(max_length=60)),
                ('since', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('who', 'since'), name='one_tally_a_window')],
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('digest', models.CharField(help_text='SHA-256 of the token, in hex', max_length=64, unique=True)),
                ('hint', models.CharField(help_text='How the token begins, to tell tokens apart', max_length=12)),
                ('made_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'token',
                'ordering': ['-made_at'],
            },
        ),
        migrations.CreateModel(
            name='ListRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(help_text='Line of the file, the headings being line 1')),
                ('cells', models.JSONField(help_text='The cells in the order of the headings')),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('taken', 'Taken'), ('known', 'Known before'), ('refused', 'Not taken')], default='waiting', max_length=8)),
                ('key', models.CharField(blank=True, help_text="Hash of the source's own id, or of all cells", max_length=64)),
                ('column', models.CharField(blank=True, max_length=60)),
                ('found', models.CharField(blank=True, max_length=120)),
                ('expected', models.CharField(blank=True, max_length=200)),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='whistles.alertlist')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.task')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='whistles.listsource')),
            ],
            options={
                'ordering': ['line'],
                'indexes': [models.Index(fields=['list', 'outcome', 'line'], name='whistles_li_list_id_fd3604_idx')],
                'constraints': [models.UniqueConstraint(fields=('list', 'line'), name='one_row_a_line'), models.UniqueConstraint(condition=models.Q(('outcome', 'taken')), fields=('source', 'key'), name='one_taken_row_a_key')],
            },
        ),
        migrations.CreateModel(
            name='ListFormat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64)),
                ('columns', models.JSONField(help_text='Heading by field')),
                ('levels', models.JSONField(help_text="Level by the source's word for it; '' for rows without one")),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='formats', to='whistles.listsource')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'fingerprint'), name='one_format_a_heading')],
            },
        ),
        migrations.CreateModel(
            name='Whistle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text="The sender's own; the same key is taken once", max_length=64)),
                ('at', models.DateTimeField()),
                ('person_id', models.CharField(max_length=64)),
                ('msisdn', models.CharField(max_length=24)),
                ('typed', models.CharField(help_text='Number or name as it was typed', max_length=64)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('scam_type', models.CharField(max_length=20)),
                ('level', models.CharField(choices=[('urgent', 'Urgent'), ('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], max_length=8)),
                ('line', models.CharField(blank=True, max_length=200)),
                ('alert_id', models.CharField(max_length=64)),
                ('joined', models.BooleanField(help_text='Whether the task was open before')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.organisation')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.task')),
            ],
            options={
                'verbose_name': 'whistle',
                'ordering': ['-at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('by', 'key'), name='one_whistle_a_key')],
            },
        ),
    ]
