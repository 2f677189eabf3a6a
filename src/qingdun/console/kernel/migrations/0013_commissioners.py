
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0012_town_cadres'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('system_admin', 'System administrator'), ('security_admin', 'Security administrator'), ('audit_admin', 'Audit administrator'), ('city_analyst', 'City analyst'), ('county_officer', 'County officer'), ('station_officer', 'Station officer'), ('bank_teller', 'Bank teller'), ('hotline_operator', 'Hotline operator'), ('party_officer', 'Compliance officer'), ('publicist', 'Publicist'), ('grid_member', 'Grid member'), ('town_cadre', 'Town cadre'), ('commissioner', 'Commissioner'), ('viewer', 'Viewer')], default='viewer', max_length=16, verbose_name='role'),
        ),
    ]
