"""Incidents."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('alerts', '0003_gone_suspects_sources_and_terms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(db_index=True, max_length=64)),
                ('msisdn', models.CharField(max_length=24)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('reported_at', models.DateTimeField(db_index=True)),
                ('scam_type', models.CharField(max_length=20)),
                ('loss_fen', models.BigIntegerField(validators=[django.core.validators.MinValueValidator(0)])),
                ('how', models.TextField(blank=True)),
                ('key', models.CharField(help_text='Of the form; the same form is taken once', max_length=64)),
                ('entered_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.task')),
            ],
            options={
                'verbose_name': 'incident',
                'ordering': ['-reported_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('by', 'key'), name='one_incident_a_form'), models.CheckConstraint(condition=models.Q(('loss_fen__gte', 0)), name='loss_is_not_negative')],
            },
        ),
    ]
