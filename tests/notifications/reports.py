"""Bounces and complaints as servers write them, about a mail of ours."""

ORIGINAL = """\
Return-Path: <{verp}>
From: Smart-Skill <hello@example.org>
To: {to}
Subject: Something
Message-ID: {message_id}
List-Unsubscribe: <https://skills.example.org/u/{token}>

"""

POSTFIX = """\
Return-Path: <>
Delivered-To: {verp}
Date: Sat, 28 Nov 2026 10:00:00 +0100 (CET)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {verp}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4BHx2y0Xz1z9/mx.example.net"
Message-Id: <20261128090000.4BHx2y0Xz1z9@mx.example.net>

This is a MIME-encapsulated message.

--4BHx2y0Xz1z9/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{to}>: host mx.example.com[192.0.2.1] said: {said} (in reply to RCPT TO command)

--4BHx2y0Xz1z9/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4BHx2y0Xz1z9
X-Postfix-Sender: rfc822; {verp}
Arrival-Date: Sat, 28 Nov 2026 09:59:58 +0100 (CET)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; {said}

--4BHx2y0Xz1z9/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{original}
--4BHx2y0Xz1z9/mx.example.net--
"""

EXCHANGE = """\
From: <postmaster@contoso.example>
To: {verp}
Date: Sat, 28 Nov 2026 09:01:02 +0000
Content-Type: multipart/report; report-type=delivery-status;
 boundary="f9a9c0de-7f2b-4f1b-9b62-c9b2b7d4a1e3"
Content-Language: en-US
Message-ID: <5f0c@PROD1.contoso.example>
In-Reply-To: {message_id}
Subject: Undeliverable: Something
Auto-Submitted: auto-replied
X-MS-PublicTrafficType: Email

--f9a9c0de-7f2b-4f1b-9b62-c9b2b7d4a1e3
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to {to} couldn't be delivered.=20

--inner
Content-Type: text/html; charset="us-ascii"

<html><body>Your message couldn't be delivered.</body></html>
--inner--

--f9a9c0de-7f2b-4f1b-9b62-c9b2b7d4a1e3
Content-Type: message/delivery-status

Reporting-MTA: dns;PROD1.contoso.example
Received-From-MTA: dns;mail.example.org
Arrival-Date: Sat, 28 Nov 2026 09:01:01 +0000

Original-Recipient: rfc822;{to}
Final-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{said}

--f9a9c0de-7f2b-4f1b-9b62-c9b2b7d4a1e3
Content-Type: message/rfc822

{original}
text
--f9a9c0de-7f2b-4f1b-9b62-c9b2b7d4a1e3--
"""

GMAIL = """\
Delivered-To: {verp}
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {verp}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message_id}
X-Failed-Recipients: {to}
Message-ID: <65.abc@mx.google.com>
Date: Sat, 28 Nov 2026 01:02:03 -0800 (PST)
Content-Type: multipart/report; boundary="000000000000aa11"; report-type=delivery-status

--000000000000aa11
Content-Type: multipart/related; boundary="000000000000bb22"

--000000000000bb22
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--000000000000bb22--
--000000000000aa11
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; hello@example.org
Arrival-Date: Sat, 28 Nov 2026 01:02:03 -0800 (PST)
X-Original-Message-ID: {message_id}

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.7, the server for the domain gmail.com.)
Diagnostic-Code: smtp; {said}
 For more information, go to https://support.google.com/mail/?p=NoSuchUser a1-2 - gsmtp
Last-Attempt-Date: Sat, 28 Nov 2026 01:02:03 -0800 (PST)

--000000000000aa11
Content-Type: message/rfc822

{original}
--000000000000aa11--
"""

COMPLAINT = """\
From: <abusedesk@provider.example>
Date: Sat, 28 Nov 2026 12:00:00 +0000
Subject: FW: Something
To: <abuse@example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54"

--part1_13d.2e68ed54
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1_13d.2e68ed54
Content-Type: message/feedback-report

Feedback-Type: {said}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <redacted@provider.example>
Arrival-Date: Sat, 28 Nov 2026 11:00:00 +0000
Source-IP: 192.0.2.1

--part1_13d.2e68ed54
Content-Type: message/rfc822
Content-Disposition: inline

{original}
text
--part1_13d.2e68ed54--
"""


def report_about(row, shape: str, *, said: str = "", status: str = "5.1.1", action: str = "failed", **changed) -> bytes:
    """A report in one of the shapes above."""
    from smartskill.notifications.services.tokens import bounce_address, unsubscribe_token

    facts = {
        "verp": bounce_address(row),
        "to": "anna@example.com",
        "message_id": row.message_id,
        "token": unsubscribe_token(row),
    } | changed
    original = ORIGINAL.format(**facts)
    return shape.format(**facts, said=said, status=status, action=action, original=original).encode()
