from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from intake.views import (
    account,
    check,
    choose,
    demo,
    describe,
    home,
    invitation,
    progress,
    receipt,
    rights,
    sign,
    steps,
    timeline,
    understand,
    upload,
    withdraw,
)

one_file: list[URLPattern | URLResolver] = [
    path("", check.check_file, name="check_file"),
    path("copy/", check.copy, name="copy"),
    path("acknowledge/", check.acknowledge, name="acknowledge"),
    path("leave-out/", check.leave_out, name="leave_out"),
    path("put-back/", check.put_back, name="put_back"),
]

one_submission: list[URLPattern | URLResolver] = [
    path("", steps.submission, name="submission"),
    path("start/", steps.start, name="start"),
    path("start-again/", steps.start_again, name="start_again"),
    path("reply/", steps.reply, name="reply"),
    path("rights/", rights.rights, name="rights"),
    path("task/", describe.describe, name="describe"),
    path("files/", upload.upload, name="upload"),
    path("files/<uuid:artifact_id>/", upload.change_file, name="change_file"),
    path("files/<uuid:artifact_id>/remove/", upload.remove_file, name="remove_file"),
    path("progress/", progress.progress, name="progress"),
    path("check/", check.check, name="check"),
    path("f/<uuid:artifact_id>/", include(one_file)),
    path("hide/", check.hide, name="hide"),
    path("keep/", check.keep, name="keep"),
    path("edits/<uuid:edit_id>/undo/", check.undo, name="undo_edit"),
    path("copy/", check.make_copy, name="make_copy"),
    path("choose/", choose.choose, name="choose"),
    path("language/", choose.language, name="language"),
    path("understand/", understand.understand, name="understand"),
    path("sign/", sign.sign, name="sign"),
    path("sign/code/", sign.new_code, name="new_code"),
    path("sent/", sign.sent, name="sent"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("withdraw/", withdraw.withdraw, name="withdraw"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", home.help_, name="help"),
    path("your-rights/", home.rights_of_people, name="your_rights"),
    path("privacy/", home.privacy, name="privacy"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("contact/", home.contact, name="contact"),
    path("demo/sign-in/<slug:name>", demo.demo_sign_in, name="demo_sign_in"),
    path("i/<str:token>", invitation.invitation, name="invitation"),
    path("i/<str:token>/no-thanks", invitation.decline, name="decline"),
    path("invited/", invitation.invitation_open, name="invitation_open"),
    path("account/", account.account, name="account"),
    path("s/", account.submissions, name="submissions"),
    path("s/<uuid:submission_id>/", include(one_submission)),
    path("r/<uuid:submission_id>/", receipt.receipt, name="receipt"),
    path("r/<uuid:submission_id>/receipt.json", receipt.receipt_json, name="receipt_json"),
]
