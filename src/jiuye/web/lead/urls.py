from django.urls import path

from jiuye.web.lead import law, outreach, views

app_name = "lead"
urlpatterns = [
    path("", views.city_map, name="map"),
    path("outreach/", outreach.outreach, name="outreach"),
    path("outreach/nights/", outreach.nights, name="outreach_nights"),
    path("outreach/nights/<str:day>/", outreach.night, name="outreach_night"),
    path("law/", law.changes, name="law_changes"),
    path("law/<uuid:comparison_id>/", law.change, name="law_change"),
    path("law/<uuid:comparison_id>/csv/", law.change_csv, name="law_change_csv"),
    path("<str:code>/", views.unit, name="unit"),
]
