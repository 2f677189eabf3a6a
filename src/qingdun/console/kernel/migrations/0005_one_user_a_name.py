"""No two accounts whose names differ in capitals only: log-in does not tell them apart, so neither got in."""

from django.db import migrations, models


def rename_twins(apps, schema_editor):
    User = apps.get_model("kernel", "User")
    taken = {}
    for user in User.objects.order_by("pk"):
        name = user.username.lower()
        if name in taken:
            user.username = f"{user.username[:120]}-{user.pk}"
            user.save(update_fields=["username"])
        taken[user.username.lower()] = user.pk


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_alter_user_role")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(default=False, help_text="Whether somebody else has chosen the password"),
        ),
        migrations.RunPython(rename_twins, migrations.RunPython.noop, elidable=True),
    ]
