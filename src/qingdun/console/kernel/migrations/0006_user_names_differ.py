"""The database itself refuses a twin; a migration of its own, because PostgreSQL does not index rows that the
same transaction has just changed.
"""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_one_user_a_name")]
    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(Lower("username"), name="one_user_a_name"),
        ),
    ]
