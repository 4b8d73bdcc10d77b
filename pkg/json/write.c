/* SPDX-License-Identifier: Apache-2.0 */
/* A thin layer over cJSON that reports failure and keeps numbers exact. */
#include "json/write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define U64_TEXT_MAX 21

void sc_json_write_freep(cJSON **node)
{
        cJSON_Delete(*node);
}

/* Hangs `item` (NULL when its making failed) under `parent`; frees it if that fails. */
static int attach(cJSON *parent, const char *name, cJSON *item)
{
        if (!item)
                return -ENOMEM;
        if (name ? cJSON_AddItemToObject(parent, name, item) : cJSON_AddItemToArray(parent, item))
                return 0;
        cJSON_Delete(item);
        return -ENOMEM;
}

int sc_json_add_string(cJSON *object, const char *name, const char *value)
{
        return attach(object, name, cJSON_CreateString(value));
}

int sc_json_add_u64(cJSON *object, const char *name, uint64_t value)
{
        char text[U64_TEXT_MAX];

        snprintf(text, sizeof(text), "%" PRIu64, value);
        return attach(object, name, cJSON_CreateRaw(text));
}

int sc_json_append_string(cJSON *array, const char *value)
{
        return attach(array, NULL, cJSON_CreateString(value));
}

int sc_json_add_strings(cJSON *object, const char *name, const char *const *values, size_t count)
{
        cJSON *array = cJSON_CreateArray();

        for (size_t i = 0; array && i < count; i++)
                if (sc_json_append_string(array, values[i]) < 0) {
                        cJSON_Delete(array);
                        return -ENOMEM;
                }
        return attach(object, name, array);
}

int sc_json_add_object(cJSON *parent, const char *name, cJSON **ret_object)
{
        cJSON *object = cJSON_CreateObject();
        int r = attach(parent, name, object);

        if (r == 0)
                *ret_object = object;
        return r;
}

int sc_json_add_array(cJSON *parent, const char *name, cJSON **ret_array)
{
        cJSON *array = cJSON_CreateArray();
        int r = attach(parent, name, array);

        if (r == 0)
                *ret_array = array;
        return r;
}

int sc_json_print(const cJSON *node, char **ret_text)
{
        SC_CLEANUP(sc_freep) char *text = cJSON_Print(node);
        size_t len;
        char *ended;

        if (!text)
                return -ENOMEM;
        len = strlen(text);
        ended = realloc(text, len + 2);
        if (!ended)
                return -ENOMEM;
        text = ended;
        memcpy(text + len, "\n", 2);
        *ret_text = SC_STEAL(text);
        return 0;
}
