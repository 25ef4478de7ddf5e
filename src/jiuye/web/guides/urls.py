from django.urls import path

from jiuye.web.guides import views

app_name = "guides"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:code>/", views.guide, name="guide"),
]
