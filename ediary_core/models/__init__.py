from ediary_core.models.attendance import Attendance, AttendanceStatus
from ediary_core.models.enrolment import Enrolment, EnrolmentRole
from ediary_core.models.lesson import Lesson
from ediary_core.models.lesson_change import ChangeKind, LessonChange
from ediary_core.models.school_class import ClassKind, SchoolClass
from ediary_core.models.session import AcademicSession, SessionKind
from ediary_core.models.subject import Subject
from ediary_core.models.timetable import Bell, TimetableEntry
from ediary_core.models.unit import SchoolUnit

__all__ = [
    "AcademicSession",
    "Attendance",
    "AttendanceStatus",
    "Bell",
    "ChangeKind",
    "ClassKind",
    "Enrolment",
    "EnrolmentRole",
    "Lesson",
    "LessonChange",
    "SchoolClass",
    "SchoolUnit",
    "SessionKind",
    "Subject",
    "TimetableEntry",
]
