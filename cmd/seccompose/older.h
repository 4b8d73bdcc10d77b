/* SPDX-License-Identifier: Apache-2.0 */
/* A note on engines that take the same file as today's and make something looser of it. */
#pragma once

#include "common/session.h"
#include "emit/emit.h"

/*
 * Adds the note `older-engine`, with a call that shows it, if with the profile that was built for today's docker Debian
 * 12's docker 20.10 would be looser than the policy of the request; nothing for other formats. It is asked with the
 * capabilities of the request and its kernel, or the newest, on this machine or, if the policy is not for it, on the
 * first that it is for. Returns 0 or an error for report().
 */
int older_note(struct session *s, const struct sc_emit_request *request, const struct sc_emit_result *built);
