from django.urls import path

from jiuye.web.lead import views

app_name = "lead"
urlpatterns = [
    path("", views.city_map, name="map"),
    path("<str:code>/", views.unit, name="unit"),
]
