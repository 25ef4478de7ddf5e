from django.urls import path

from jiuye.web.lead import outreach, views

app_name = "lead"
urlpatterns = [
    path("", views.city_map, name="map"),
    path("outreach/", outreach.outreach, name="outreach"),
    path("<str:code>/", views.unit, name="unit"),
]
