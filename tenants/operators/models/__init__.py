from tenants.operators.models.operator import Operator
from tenants.operators.models.session import OperatorSession

__all__ = ["Operator", "OperatorSession"]
