from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jiuye.exchange.urls")),
    path("", include("jiuye.web.urls")),
]

handler403 = "jiuye.web.errors.forbidden"
handler404 = "jiuye.web.errors.not_found"
handler500 = "jiuye.web.errors.server_error"
