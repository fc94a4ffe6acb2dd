from django.db.models import QuerySet
from django.utils import timezone

from tenants.operators.models import Operator, OperatorSession


def sessions_of(operator: Operator) -> QuerySet[OperatorSession]:
    """Where this operator is logged in now, the newest first."""
    return OperatorSession.objects.filter(operator_id=operator.pk, expire_date__gt=timezone.now()).order_by("-began_at")
