from django.db.models import QuerySet

from tenants.operators.models import Operator, OperatorSession
from tenants.sessions import present


def sessions_of(operator: Operator) -> QuerySet[OperatorSession]:
    """Where this operator is logged in now, the newest first."""
    return present(OperatorSession.objects.filter(operator_id=operator.pk))
