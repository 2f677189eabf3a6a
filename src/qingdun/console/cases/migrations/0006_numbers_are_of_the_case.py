"""Phone numbers are of the part in a case, so that a county sees those its own cases know."""

from django.db import migrations, models


def to_parts(apps, _schema_editor):
    """Every part has the numbers of its person: which case they came from nobody wrote down."""
    Part = apps.get_model("cases", "Part")
    for part in Part.objects.select_related("person").iterator(chunk_size=2000):
        if part.person.numbers:
            part.numbers = part.person.numbers
            part.save(update_fields=["numbers"])


def to_persons(apps, _schema_editor):
    """Every person has the numbers of all their parts."""
    Part = apps.get_model("cases", "Part")
    for part in Part.objects.select_related("person").iterator(chunk_size=2000):
        person = part.person
        known = apps.get_model("cases", "CasePerson").objects.get(pk=person.pk)
        known.numbers = list(dict.fromkeys([*known.numbers, *part.numbers]))
        known.save(update_fields=["numbers"])


class Migration(migrations.Migration):
    # PostgreSQL alters no table on which rows changed in the same transaction wait to be checked.
    atomic = False

    dependencies = [
        ('cases', '0005_imports_are_the_kernel_s'),
    ]

    operations = [
        migrations.AddField(
            model_name='part',
            name='numbers',
            field=models.JSONField(default=list, help_text='Phone numbers they used, as the case knows, in E.164'),
        ),
        migrations.RunPython(to_parts, to_persons, elidable=True),
        migrations.RemoveField(
            model_name='caseperson',
            name='numbers',
        ),
    ]
