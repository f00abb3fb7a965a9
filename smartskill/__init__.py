"""Smart-Skill: what an organisation's people can do, what is missing, and who should hear about it when."""


def create_app(settings=None):
    """Make the application; see `smartskill.app.create_app`. Importing the package has no side effects."""
    from smartskill.app import create_app as make

    return make(settings)
