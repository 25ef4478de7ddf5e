from django.urls import path

from jiuye.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.samples, name="samples"),
    path("samples/<uuid:sample_id>/", views.sample, name="sample"),
    path("reads/", views.reads, name="reads"),
    path("history/", views.history, name="history"),
]
