"""Countries as data: a fourth one is one more file here and one more translation."""

from tenants.profiles.profile import AttendanceMark, MarkScale, Profile, SchoolYear, UnknownCountry, profile_of

__all__ = ["AttendanceMark", "MarkScale", "Profile", "SchoolYear", "UnknownCountry", "profile_of"]
