"""Addresses of the employer portal."""

from django.urls import path

from jiuye.web.employer import claims, home, menu, offers, staff, uploads

app_name = "employer"
urlpatterns = [
    path("", home.home, name="home"),
    path("messages/", home.messages, name="messages"),
    path("entitlements/", menu.entitlements, name="entitlements"),
    path("entitlements/what-if/", menu.what_if_page, name="what_if"),
    path("claims/", claims.claims, name="claims"),
    path("claims/new/<slug:item>/", claims.claim_new, name="claim_new"),
    path("claims/<uuid:case_id>/", claims.claim, name="claim"),
    path("claims/<uuid:case_id>/withdraw/", claims.withdraw, name="claim_withdraw"),
    path("offers/", offers.offers, name="offers"),
    path("offers/<uuid:outreach_id>/", offers.offer, name="offer"),
    path("offers/<uuid:outreach_id>/answer/", offers.answer, name="offer_answer"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/example.csv", uploads.example, name="upload_example"),
    path("uploads/<uuid:upload_id>/", uploads.result, name="upload_result"),
    path("uploads/<uuid:upload_id>/problems.csv", uploads.problems, name="upload_problems"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<uuid:spell_id>/end/", staff.end, name="end"),
    path("hire/", staff.hire, name="hire"),
]
