from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_further_refusals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='source',
            name='fault',
            field=models.CharField(blank=True, choices=[('rule', 'no rule in force lets the peer propose'), ('key', 'its key cannot be read on this machine'), ('silent', 'it does not answer'), ('refused', 'it refuses the key'), ('missing', 'it has no such collection'), ('busy', 'it asks to wait'), ('status', 'it answers with an error'), ('form', 'what it answers is not TAXII 2.1'), ('large', 'what it answers is too large'), ('enough', 'it has sent as much as is taken in a day')], max_length=8),
        ),
    ]
