"""Compliance officers of banks and operators."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0007_audit_grows_at_its_end'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('system_admin', 'System administrator'), ('security_admin', 'Security administrator'), ('audit_admin', 'Audit administrator'), ('city_analyst', 'City analyst'), ('county_officer', 'County officer'), ('station_officer', 'Station officer'), ('bank_teller', 'Bank teller'), ('hotline_operator', 'Hotline operator'), ('party_officer', 'Compliance officer'), ('viewer', 'Viewer')], default='viewer', max_length=16, verbose_name='role'),
        ),
    ]
