"""Settings of all tests."""

from hypothesis import settings

# a busy machine is no defect
settings.register_profile("yunchou", deadline=None)
settings.load_profile("yunchou")
