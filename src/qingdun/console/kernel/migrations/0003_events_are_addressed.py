"""Events of tasks name the stations and users who hear of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_audit_is_append_only")]

    operations = [
        migrations.AddField(
            model_name="liveevent",
            name="stations",
            field=models.JSONField(default=list, help_text="Ids of the stations that hear of it"),
        ),
        migrations.AddField(
            model_name="liveevent",
            name="users",
            field=models.JSONField(
                default=list, help_text="Ids of the users who hear of it wherever they work"
            ),
        ),
    ]
