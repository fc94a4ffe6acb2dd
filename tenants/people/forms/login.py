from django.utils.translation import gettext_lazy as _

from tenants.entrance import NameAndPassword, name_field


class LoginForm(NameAndPassword):
    username = name_field(_("E-mail, mobile number or user name"))
