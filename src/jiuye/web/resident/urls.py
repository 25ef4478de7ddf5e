"""Addresses of the resident portal."""

from django.urls import path

from jiuye.web.resident import apply, cases, decisions, home, menu, money, offers

app_name = "resident"
urlpatterns = [
    path("", home.home, name="home"),
    path("file/", home.file, name="file"),
    path("entitlements/", menu.entitlements, name="entitlements"),
    path("entitlements/household/", menu.household, name="household"),
    path("entitlements/what-if/", menu.what_if_page, name="what_if"),
    path("messages/", home.messages, name="messages"),
    path("reads/", home.reads, name="reads"),
    path("settings/", home.settings, name="settings"),
    path("offers/<uuid:outreach_id>/", offers.offer, name="offer"),
    path("offers/<uuid:outreach_id>/answer/", offers.answer, name="offer_answer"),
    path("apply/<slug:bundle>/", apply.form, name="form"),
    path("apply/<slug:bundle>/draft/", apply.draft, name="draft"),
    path("apply/<slug:bundle>/check/", apply.check, name="check"),
    path("apply/<slug:bundle>/done/<uuid:request_key>/", apply.submitted, name="submitted"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/answer/", cases.answer, name="answer"),
    path("cases/<uuid:case_id>/withdraw/", cases.withdraw, name="withdraw"),
    path("cases/<uuid:case_id>/rate/", cases.rate, name="rate"),
    path("decisions/<uuid:decision_id>/", decisions.decision, name="decision"),
    path("decisions/<uuid:decision_id>/appeal/", decisions.appeal, name="appeal"),
    path("payments/", money.payments, name="payments"),
    path("account/", money.account, name="account"),
    path("repayment/<uuid:overpayment_id>/", money.repayment, name="repayment"),
]
