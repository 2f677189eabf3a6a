"""People outside the house appeal against the block of a site, which is no restriction of a party's; the
letter that answers an appeal says what came of it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from qingdun.console.industry.guards import guard

PAIRS = [("filed", "rejected"), ("filed", "upheld")]


def protect(apps, schema_editor):
    guard(schema_editor, "industry_appeal", PAIRS)


class Migration(migrations.Migration):

    dependencies = [
        ('industry', '0006_universities_and_enterprises'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='letter',
            name='verdict',
            field=models.CharField(blank=True, choices=[('filed', 'Waits for a decision'), ('upheld', 'Upheld'), ('rejected', 'Rejected')], help_text='Of the appeal it answers', max_length=10),
        ),
        migrations.AddField(
            model_name='appeal',
            name='host',
            field=models.CharField(blank=True, db_index=True, help_text='The site that is blocked, if it is about no restriction', max_length=255),
        ),
        migrations.AddField(
            model_name='appeal',
            name='receipt',
            field=models.CharField(help_text='By which who is outside asks for the answer', max_length=20, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='appeal',
            name='sender',
            field=models.CharField(blank=True, help_text='Keyed trace of the address outside', max_length=20),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='filed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='restriction',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='industry.restriction'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('filed_by__isnull', False), ('host', ''), ('restriction__isnull', False)), models.Q(('receipt__isnull', False), ('restriction', None), models.Q(('host', ''), _negated=True)), _connector='OR'), name='appeal_is_about_one_thing'),
        ),
        # SQLite has made the table anew for its constraint, and forgotten its trigger.
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
