"""What a telephone number can be used for, by the numbering plan of its country."""

import phonenumbers

_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def can_receive_sms(number: str) -> bool:
    """Whether an E.164 number may be a mobile one; some numbering plans do not tell the two apart."""
    return phonenumbers.number_type(phonenumbers.parse(number, None)) in _MOBILE
