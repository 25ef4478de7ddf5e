from django.urls import path

from jiuye.web.drafting import editor, moving, proposals, trying

app_name = "drafting"
urlpatterns = [
    path("", proposals.listed, name="proposals"),
    path("new/", proposals.new, name="new"),
    path("<uuid:proposal_id>/", proposals.proposal, name="proposal"),
    path("<uuid:proposal_id>/act/", proposals.act, name="act"),
    path("<uuid:proposal_id>/add/", editor.add, name="add"),
    path("<uuid:proposal_id>/text/<path:file>", editor.edit, name="edit"),
    path("<uuid:proposal_id>/check/<path:file>", editor.check, name="check"),
    path("<uuid:proposal_id>/changes/", trying.changes, name="changes"),
    path("<uuid:proposal_id>/patch/", trying.patch, name="patch"),
    path("<uuid:proposal_id>/try/<str:kind>/", trying.trial, name="trial"),
    path("<uuid:proposal_id>/onto/", moving.onto, name="onto"),
]
