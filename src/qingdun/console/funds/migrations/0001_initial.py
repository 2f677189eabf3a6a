"""Stop-payment orders."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('alerts', '0003_gone_suspects_sources_and_terms'),
        ('cases', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StopPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(db_index=True, max_length=40)),
                ('account_name', models.CharField(max_length=64)),
                ('bank', models.CharField(blank=True, max_length=64)),
                ('amount_fen', models.BigIntegerField()),
                ('paid_at', models.DateTimeField()),
                ('requested_at', models.DateTimeField()),
                ('held_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(help_text='When a hold ends by law', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('requested', 'Asked of the bank'), ('held', 'Payment stopped'), ('refused', 'Refused by the bank'), ('released', 'Released'), ('expired', 'Expired')], default='requested', max_length=10)),
                ('turn', models.PositiveSmallIntegerField(help_text='Which order on the account this is; null once refused', null=True)),
                ('region_path', models.CharField(db_index=True, max_length=80)),
                ('key', models.CharField(help_text='Of the form; the same form is taken once', max_length=64)),
                ('note', models.CharField(blank=True, help_text='Why it was refused or released', max_length=500)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='cases.incident')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.task')),
            ],
            options={
                'verbose_name': 'stop-payment order',
                'ordering': ['-requested_at', '-pk'],
                'indexes': [models.Index(fields=['state', 'ends_at'], name='funds_stopp_state_362abf_idx')],
                'constraints': [models.UniqueConstraint(fields=('by', 'key'), name='one_stop_a_form'), models.UniqueConstraint(fields=('account', 'turn'), name='one_stop_a_turn'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='stop_has_an_amount'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), _negated=True), ('ends_at__isnull', False), _connector='OR'), name='hold_has_an_end')],
            },
        ),
    ]
