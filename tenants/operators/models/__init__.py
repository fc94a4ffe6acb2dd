from tenants.operators.models.operator import Operator
from tenants.operators.models.session import OperatorSession
from tenants.operators.models.throttle import OperatorThrottle

__all__ = ["Operator", "OperatorSession", "OperatorThrottle"]
