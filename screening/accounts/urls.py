"""URLs of signing in and out, of one's own account and its second factors, with the names that allauth uses."""

from allauth.account import views
from allauth.mfa.base import views as factor_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.contrib.auth.decorators import login_not_required, user_passes_test
from django.urls import path, re_path, reverse_lazy
from django.views.decorators.http import require_POST

from screening.web.transactions import committed

from .sessions import views as session_views
from .sessions.views import clear_site_data
from .sign_in_views import account_login, needs_local_accounts, openid_connect_callback, openid_connect_login
from .throttling import too_many_tries_is_429
from .views import account_language, mfa_index, recovery_codes

with_a_password = user_passes_test(lambda user: user.is_authenticated and user.has_usable_password(), "mfa_index")
change_password = with_a_password(needs_local_accounts(too_many_tries_is_429(views.password_change)))
# without sign-in, to leave between the password and the second factor
sign_out = login_not_required(clear_site_data(require_POST(committed()(views.logout))))
sign_in_with_passkey = login_not_required(needs_local_accounts(passkey_views.login_webauthn))
remove_passkey = passkey_views.RemoveWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))

urlpatterns = [
    path("", mfa_index, name="mfa_index"),
    path("language/", account_language, name="account_language"),
    path("login/", too_many_tries_is_429(account_login), name="account_login"),
    path("logout/", sign_out, name="account_logout"),
    path("session/left/", session_views.session_left, name="session_left"),
    path("session/stay/", session_views.stay_signed_in, name="stay_signed_in"),
    path("unsent/", session_views.unsent_form_list, name="unsent_form_list"),
    path("unsent/<uuid:form_id>/", session_views.unsent_form, name="unsent_form"),
    path("unsent/<uuid:form_id>/discard/", session_views.unsent_form_discard, name="unsent_form_discard"),
    path("oidc/<slug:provider_id>/login/", openid_connect_login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", openid_connect_callback, name="openid_connect_callback"),
    path("password/change/", change_password, name="account_change_password"),
    path(
        "password/reset/key/done/",
        needs_local_accounts(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        needs_local_accounts(committed()(views.password_reset_from_key)),
        name="account_reset_password_from_key",
    ),
    path("reauthenticate/", too_many_tries_is_429(views.reauthenticate), name="account_reauthenticate"),
    path("2fa/authenticate/", too_many_tries_is_429(factor_views.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", too_many_tries_is_429(factor_views.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", too_many_tries_is_429(totp_views.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/webauthn/add/", passkey_views.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", remove_passkey, name="mfa_remove_webauthn"),
    path("2fa/webauthn/login/", sign_in_with_passkey, name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        passkey_views.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/recovery-codes/", recovery_codes, name="recovery_codes"),
]
