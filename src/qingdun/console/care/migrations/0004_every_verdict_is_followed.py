"""A task that was taken up again and decided anew is followed from that verdict on, whatever was done before."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("care", "0003_names_in_two_languages")]

    operations = [
        migrations.RemoveConstraint(model_name="followup", name="one_follow_up_a_day"),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                fields=("task", "day", "verdict_at"), name="one_follow_up_a_verdict"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("task", "day"), name="one_follow_up_to_do"
            ),
        ),
    ]
