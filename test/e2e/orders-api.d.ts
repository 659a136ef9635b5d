// Made from openapi.json by npm run openapi.
export interface paths {
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your orders
         * @description The orders of the shop that the token names, newest first, page by page.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order
         * @description Returns as soon as the order is stored; the carrier and the warehouse are called afterwards. Sending the same order again, with the same `reference` or (without one) the same Idempotency-Key, is safe at any time and returns the same answer.
         */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /**
                 * @description The order's id, from the answer to placing it.
                 * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
                 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        /**
         * Get an order
         * @description The scope `orders/read` shows your own orders, `orders/read:all` (for support) those of all owners. The read is consistent.
         */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Correct an order
         * @description Corrects what a vendor may refuse, and nothing that the price depends on: a merge patch (RFC 7396). Possible while it is certain that no vendor works on it, also for an order that is dead-lettered, before an operator redrives it. A patch that changes nothing, such as a repeat, is answered with the order as it is. A token without the scope `orders/read` gets only the id and the status.
         */
        patch: operations["correctOrder"];
        trace?: never;
    };
    "/orders/{orderId}/cancellation": {
        parameters: {
            query?: never;
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /**
                 * @description The order's id, from the answer to placing it.
                 * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
                 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an order
         * @description Possible until the goods leave. A token without the scope `orders/read` gets only the id and the status. Where no vendor has or may have done anything, the order is CANCELLED at once; else it is CANCELLING until each vendor has undone its work, and goes on where one says that it is too late. A repeat changes nothing.
         */
        post: operations["cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An order to be placed. Items plus charges less discounts must add up to a total between 0 and 9007199254740991. Unknown fields are refused. At most 128 KiB. White space around texts is trimmed, and fields that are null or empty texts count as absent; lengths are in Unicode code points. */
        OrderRequest: {
            /** @description The shop's own order number. A reference is one order of its shop, whatever the Idempotency-Key. */
            reference?: string;
            /** @description ISO 4217 code of the currency of every amount. */
            currency: string;
            /** @description Who buys. */
            customer: components["schemas"]["Customer"];
            /** @description Where the order goes. */
            shippingAddress: components["schemas"]["ShippingAddress"];
            /** @description What is bought, 1 to 100 lines. */
            items: components["schemas"]["Item"][];
            /** @description Tax, shipping and discounts, included in the total. */
            charges?: components["schemas"]["Charge"][];
            /** @description The carrier's service that the buyer chose, such as `express`. */
            shippingService?: string;
            /** @description The shop's own notes: at most 20 short texts by name. They are returned unchanged. */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description Who buys. */
        Customer: {
            /** @description Name of the person. */
            name: string;
            /** @description Name of the company, if a company buys. */
            company?: string;
            /**
             * Format: email
             * @description For mail about the order.
             */
            email?: string;
            /** @description For calls about the order; any notation. */
            phone?: string;
        };
        /** @description Where an order goes. */
        ShippingAddress: {
            /** @description Recipient: a person or a company. */
            name: string;
            /** @description Company of the recipient. */
            company?: string;
            /** @description The recipient's, for calls by the carrier; the buyer's where there is none. */
            phone?: string;
            /**
             * Format: email
             * @description The recipient's, for mail by the carrier; the buyer's where there is none.
             */
            email?: string;
            /** @description Street and number, or what replaces them. */
            line1: string;
            /** @description Second line, such as a flat or a floor. */
            line2?: string;
            /** @description City, town or village. */
            city: string;
            /** @description State, province or county, where the country needs one. */
            region?: string;
            /** @description Postal code, where the country has them. */
            postalCode?: string;
            /** @description ISO 3166-1 alpha-2 code of the country; XK is Kosovo. */
            country: string;
        };
        /** @description What to correct: a merge patch (RFC 7396) of the request. Before the AWB: `customer`, `shippingAddress`, `shippingService`, and of the items everything but quantity and price; with it only `sku` and `name`. An array is replaced whole: send all items, with the quantities and prices that they have. */
        OrderCorrection: {
            /** @description Who buys. */
            customer?: components["schemas"]["CustomerCorrection"];
            /** @description Where the order goes. */
            shippingAddress?: components["schemas"]["AddressCorrection"];
            /** @description All items. */
            items?: components["schemas"]["Item"][];
            /** @description The carrier's service that the buyer chose, such as `express`. */
            shippingService?: string | null;
        };
        /** @description What to correct of who buys. */
        CustomerCorrection: {
            /** @description Name of the person. */
            name?: string;
            /** @description Name of the company, if a company buys. */
            company?: string | null;
            /** @description For mail about the order. */
            email?: string | null;
            /** @description For calls about the order; any notation. */
            phone?: string | null;
        };
        /** @description What to correct of where an order goes. */
        AddressCorrection: {
            /** @description Recipient: a person or a company. */
            name?: string;
            /** @description Company of the recipient. */
            company?: string | null;
            /** @description The recipient's, for calls by the carrier; the buyer's where there is none. */
            phone?: string | null;
            /** @description The recipient's, for mail by the carrier; the buyer's where there is none. */
            email?: string | null;
            /** @description Street and number, or what replaces them. */
            line1?: string;
            /** @description Second line, such as a flat or a floor. */
            line2?: string | null;
            /** @description City, town or village. */
            city?: string;
            /** @description State, province or county, where the country needs one. */
            region?: string | null;
            /** @description Postal code, where the country has them. */
            postalCode?: string | null;
            /** @description ISO 3166-1 alpha-2 code of the country; XK is Kosovo. */
            country?: string;
        };
        /** @description One line of an order. */
        Item: {
            /** @description The shop's stock-keeping unit. */
            sku: string;
            /** @description What it is, for people. */
            name?: string;
            /** @description How many. */
            quantity: number;
            /** @description Price of one, in minor units of the currency (cents for EUR, whole yen for JPY). */
            unitPrice: number;
            /** @description Weight of one in grams: the carrier may price by it. */
            weightGrams?: number;
            /** @description Length, width and height of one, in millimetres. */
            dimensionsMm?: {
                length: number;
                width: number;
                height: number;
            };
            /** @description Its code in the Harmonized System, for customs. */
            hsCode?: string;
            /** @description ISO 3166-1 alpha-2 code of the country where it was made. */
            originCountry?: string;
        };
        /** @description An amount added to the items, or subtracted. */
        Charge: {
            /**
             * @description A `tax` or `shipping` charge must not be negative; a `discount` lowers the total whatever its sign.
             * @enum {string}
             */
            type: "tax" | "shipping" | "discount";
            /** @description Amount, in minor units of the currency (cents for EUR, whole yen for JPY). */
            amount: number;
        };
        /** @description The answer to placing an order, the same each time the same order is placed. */
        OrderReceipt: {
            /** @description The order's id. */
            orderId: string;
            /** @description What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY): items plus charges less discounts. */
            total: number;
            /** @description ISO 4217 code of the currency of every amount. */
            currency: string;
            /**
             * Format: date-time
             * @description When the order was first placed.
             */
            createdAt: string;
            /**
             * @description Always CREATED: GET the order to see its progress.
             * @constant
             */
            status: "CREATED";
            /**
             * @description For people.
             * @constant
             */
            message: "Order successfully created.";
        };
        /** @description An order: the request, its status, and its history. */
        Order: {
            /** @description The order's id. */
            orderId: string;
            /**
             * @description CREATED → AWB_GENERATED → READY_FOR_FULFILLMENT; CANCELLING while vendors undo what they made, and CANCELLED. Trouble is not a status but `attention`.
             * @enum {string}
             */
            status: "CREATED" | "AWB_GENERATED" | "READY_FOR_FULFILLMENT" | "CANCELLING" | "CANCELLED";
            /** @description The shop's own order number. A reference is one order of its shop, whatever the Idempotency-Key. */
            reference?: string;
            /** @description ISO 4217 code of the currency of every amount. */
            currency: string;
            /** @description Who buys. */
            customer: components["schemas"]["OrderCustomer"];
            /** @description Where the order goes. */
            shippingAddress: components["schemas"]["OrderAddress"];
            /** @description What is bought, 1 to 100 lines. */
            items: components["schemas"]["OrderItem"][];
            /** @description Tax, shipping and discounts, included in the total. */
            charges?: components["schemas"]["OrderCharge"][];
            /** @description The carrier's service that the buyer chose, such as `express`. */
            shippingService?: string;
            /** @description The shop's own notes: at most 20 short texts by name. They are returned unchanged. */
            metadata?: {
                [key: string]: string;
            };
            /** @description What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY): items plus charges less discounts. */
            total: number;
            /**
             * Format: date-time
             * @description When the order was placed.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updatedAt: string;
            /** @description The carrier's air waybill number, from AWB_GENERATED on. */
            awb?: string;
            /** @description Where the parcel can be followed, if the carrier provides it. */
            trackingUrl?: string;
            /** @description The label to print: its URL, and its format. */
            label?: {
                url: string;
                format?: string;
            };
            /** @description The service that was bought, as the carrier calls it. */
            carrierService?: string;
            /** @description What the label costs, in minor units of its currency. */
            labelPrice?: {
                amount: number;
                currency: string;
            };
            /** @description The warehouse's number of the shipment, from READY_FOR_FULFILLMENT on. */
            wmsReference?: string;
            /** @description What the vendors of the application's own steps answered, by name. */
            facts?: {
                [key: string]: string;
            };
            /** @description Set while the order is stuck. */
            attention?: components["schemas"]["Attention"];
            /** @description What happened to the order, oldest first. */
            timeline: components["schemas"]["TimelineEntry"][];
        };
        /** @description The order as it is now, or its id and status only, where the token may not read. */
        ChangedOrder: {
            /** @description The order's id. */
            orderId: string;
            /**
             * @description CREATED → AWB_GENERATED → READY_FOR_FULFILLMENT; CANCELLING while vendors undo what they made, and CANCELLED. Trouble is not a status but `attention`.
             * @enum {string}
             */
            status: "CREATED" | "AWB_GENERATED" | "READY_FOR_FULFILLMENT" | "CANCELLING" | "CANCELLED";
            /** @description The shop's own order number. A reference is one order of its shop, whatever the Idempotency-Key. */
            reference?: string;
            /** @description ISO 4217 code of the currency of every amount. */
            currency?: string;
            /** @description Who buys. */
            customer?: components["schemas"]["OrderCustomer"];
            /** @description Where the order goes. */
            shippingAddress?: components["schemas"]["OrderAddress"];
            /** @description What is bought, 1 to 100 lines. */
            items?: components["schemas"]["OrderItem"][];
            /** @description Tax, shipping and discounts, included in the total. */
            charges?: components["schemas"]["OrderCharge"][];
            /** @description The carrier's service that the buyer chose, such as `express`. */
            shippingService?: string;
            /** @description The shop's own notes: at most 20 short texts by name. They are returned unchanged. */
            metadata?: {
                [key: string]: string;
            };
            /** @description What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY): items plus charges less discounts. */
            total?: number;
            /**
             * Format: date-time
             * @description When the order was placed.
             */
            createdAt?: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updatedAt?: string;
            /** @description The carrier's air waybill number, from AWB_GENERATED on. */
            awb?: string;
            /** @description Where the parcel can be followed, if the carrier provides it. */
            trackingUrl?: string;
            /** @description The label to print: its URL, and its format. */
            label?: {
                url: string;
                format?: string;
            };
            /** @description The service that was bought, as the carrier calls it. */
            carrierService?: string;
            /** @description What the label costs, in minor units of its currency. */
            labelPrice?: {
                amount: number;
                currency: string;
            };
            /** @description The warehouse's number of the shipment, from READY_FOR_FULFILLMENT on. */
            wmsReference?: string;
            /** @description What the vendors of the application's own steps answered, by name. */
            facts?: {
                [key: string]: string;
            };
            /** @description Set while the order is stuck. */
            attention?: components["schemas"]["Attention"];
            /** @description What happened to the order, oldest first. */
            timeline?: components["schemas"]["TimelineEntry"][];
        };
        /** @description Who bought. */
        OrderCustomer: {
            /** @description Name of the person. */
            name: string;
            /** @description Name of the company, if a company buys. */
            company?: string;
            /** @description For mail about the order. */
            email?: string;
            /** @description For calls about the order; any notation. */
            phone?: string;
        };
        /** @description Where the order goes. */
        OrderAddress: {
            /** @description Recipient: a person or a company. */
            name: string;
            /** @description Company of the recipient. */
            company?: string;
            /** @description The recipient's, for calls by the carrier; the buyer's where there is none. */
            phone?: string;
            /** @description The recipient's, for mail by the carrier; the buyer's where there is none. */
            email?: string;
            /** @description Street and number, or what replaces them. */
            line1: string;
            /** @description Second line, such as a flat or a floor. */
            line2?: string;
            /** @description City, town or village. */
            city: string;
            /** @description State, province or county, where the country needs one. */
            region?: string;
            /** @description Postal code, where the country has them. */
            postalCode?: string;
            /** @description ISO 3166-1 alpha-2 code of the country; XK is Kosovo. */
            country: string;
        };
        /** @description One line of the order. */
        OrderItem: {
            /** @description The shop's stock-keeping unit. */
            sku: string;
            /** @description What it is, for people. */
            name?: string;
            /** @description How many. */
            quantity: number;
            /** @description Price of one, in minor units of the currency (cents for EUR, whole yen for JPY). */
            unitPrice: number;
            /** @description Weight of one in grams: the carrier may price by it. */
            weightGrams?: number;
            /** @description Length, width and height of one, in millimetres. */
            dimensionsMm?: {
                length: number;
                width: number;
                height: number;
            };
            /** @description Its code in the Harmonized System, for customs. */
            hsCode?: string;
            /** @description ISO 3166-1 alpha-2 code of the country where it was made. */
            originCountry?: string;
        };
        /** @description An amount added to the items, or subtracted. */
        OrderCharge: {
            /**
             * @description A `tax` or `shipping` charge must not be negative; a `discount` lowers the total whatever its sign.
             * @enum {string}
             */
            type: "tax" | "shipping" | "discount";
            /** @description Amount, in minor units of the currency (cents for EUR, whole yen for JPY). */
            amount: number;
        };
        /** @description Which step is stuck, why and since when, and whether it is retried, waits for a vendor, or needs a person. */
        Attention: {
            /**
             * @description `retrying` and `waiting` resolve themselves; `dead-lettered` waits for an operator.
             * @enum {string}
             */
            state: "retrying" | "waiting" | "dead-lettered";
            /**
             * @description The step: `logistics` asks the carrier, `wms` asks the warehouse.
             * @enum {string}
             */
            step: "logistics" | "wms";
            /** @description Why, as a code such as `TIME_OUT` or `HTTP_503`, never the text of a vendor. */
            reason: string;
            /** @description Failed attempts in this round. */
            attempts: number;
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
            /**
             * Format: date-time
             * @description When it is tried next, if it is retried.
             */
            nextAttemptAt?: string;
        };
        /** @description One thing that happened to an order. */
        TimelineEntry: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /**
             * @description What happened: a status that the order reached, or an event between two statuses.
             * @enum {string}
             */
            type: "CREATED" | "AWB_GENERATED" | "READY_FOR_FULFILLMENT" | "CANCELLING" | "CANCELLED" | "ATTEMPT_FAILED" | "WAITING" | "DEAD_LETTERED" | "REDRIVE_REQUESTED" | "REDRIVEN" | "UNDONE" | "CANCELLATION_REFUSED" | "SETTLED" | "CORRECTED" | "REROUTED" | "PERSONAL_DATA_REDACTED";
            /**
             * @description Whose doing it is, where it is a person: the shop by this API, or an operator.
             * @enum {string}
             */
            by?: "shop" | "operator";
            /**
             * @description The step: `logistics` asks the carrier, `wms` asks the warehouse.
             * @enum {string}
             */
            step?: "logistics" | "wms";
            /** @description The vendor that the order was taken from, where an operator gave it to another. */
            from?: string;
            /** @description Why, as a code such as `TIME_OUT` or `HTTP_503`, never the text of a vendor. */
            reason?: string;
            /** @description The number of the attempt that failed. */
            attempt?: number;
            /**
             * Format: date-time
             * @description When it is tried next, if it is retried.
             */
            nextAttemptAt?: string;
        };
        /** @description One page of the caller's orders, newest first. */
        OrderPage: {
            /** @description The orders of this page. */
            orders: components["schemas"]["Order"][];
            /** @description Pass it as `cursor` to get the next page; missing on the last one. */
            nextCursor?: string;
        };
        /** @description What went wrong: RFC 9457 problem details. */
        Problem: {
            /**
             * @description Always `about:blank`: the status says which kind of problem it is.
             * @constant
             */
            type: "about:blank";
            /**
             * @description The status's name.
             * @enum {string}
             */
            title: "Bad Request" | "Forbidden" | "Not Found" | "Conflict" | "Content Too Large" | "Unsupported Media Type" | "Unprocessable Content" | "Internal Server Error" | "Service Unavailable";
            /**
             * @description The HTTP status.
             * @enum {integer}
             */
            status: 400 | 403 | 404 | 409 | 413 | 415 | 422 | 500 | 503;
            /** @description What went wrong in this case, for people. */
            detail: string;
            /** @description The request's id, as in the apigw-requestid header and our logs. */
            instance: string;
            /** @description Every invalid field, if fields are the problem. */
            errors?: components["schemas"]["FieldError"][];
        };
        /** @description An invalid field. */
        FieldError: {
            /** @description Where it is, such as `items.0.quantity`; empty for the body as a whole; a header by its name. */
            path: string;
            /** @description What is wrong with it, for people. */
            message: string;
        };
    };
    responses: {
        /** @description The request does not describe an order that could be placed. */
        InvalidOrder: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @constant */
                    title?: "Bad Request";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Bad Request";
                };
            };
        };
        /** @description The corrected request would not describe an order that could be placed. */
        InvalidCorrection: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @constant */
                    title?: "Bad Request";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Bad Request";
                };
            };
        };
        /** @description The query does not describe a page of orders. */
        InvalidQuery: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @constant */
                    title?: "Bad Request";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Bad Request";
                };
            };
        };
        /** @description The path is malformed. */
        Unreadable: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Bad Request";
                };
            };
        };
        /** @description No token, or not a valid one. */
        Unauthorized: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                "www-authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Unauthorized";
                };
            };
        };
        /** @description The token has none of the operation's scopes, or does not name its shop. */
        Forbidden: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Forbidden";
                };
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @constant */
                    title?: "Forbidden";
                };
            };
        };
        /** @description There is no such order: it does not exist or has another owner, which the answer does not tell. Or there is no such route. */
        NotFound: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @constant */
                    title?: "Not Found";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Not Found";
                };
            };
        };
        /** @description The correction is about what the price or, once there is an AWB, the label rests on: see the paths. */
        NotCorrectable: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @constant */
                    title?: "Unprocessable Content";
                };
            };
        };
        /** @description A vendor has the order, or may have: it is too late, or not known yet. */
        NotCorrectableNow: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @constant */
                    title?: "Conflict";
                };
            };
        };
        /** @description The body is larger than 128 KiB; API Gateway itself refuses one of more than 10 MB. */
        ContentTooLarge: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 413;
                    /** @constant */
                    title?: "Content Too Large";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Request Entity Too Large";
                };
            };
        };
        /** @description The body is not declared as JSON. */
        UnsupportedMediaType: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 415;
                    /** @constant */
                    title?: "Unsupported Media Type";
                };
            };
        };
        /** @description The Idempotency-Key or reference was used for another order already. That order is not changed. */
        KeyReused: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @constant */
                    title?: "Unprocessable Content";
                };
            };
        };
        /** @description The order was placed before, and called off since. A new one needs another reference or Idempotency-Key. */
        AlreadyCancelled: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @constant */
                    title?: "Conflict";
                };
            };
        };
        /** @description More requests than the API allows: try again. */
        TooManyRequests: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Too Many Requests";
                };
            };
        };
        /** @description Something went wrong on our side: try again, with the same key or reference. */
        ServerError: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 500;
                    /** @constant */
                    title?: "Internal Server Error";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Internal Server Error";
                };
            };
        };
        /** @description The function did not answer in time: try again, with the same key or reference. */
        Unavailable: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Service Unavailable";
                };
            };
        };
        /** @description A vendor has said that it is too late to cancel this order. */
        TooLate: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @constant */
                    title?: "Conflict";
                };
            };
        };
        /** @description The cancellation could not be published, so it was not made: try again. */
        CannotCancelNow: {
            headers: {
                "apigw-requestid": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @constant */
                    title?: "Service Unavailable";
                };
                "application/json": {
                    /**
                     * @description What went wrong.
                     * @constant
                     */
                    message: "Service Unavailable";
                };
            };
        };
    };
    parameters: {
        /**
         * @description The order's id, from the answer to placing it.
         * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
         */
        OrderId: string;
        /**
         * @description Identifies this order among yours, permanently: 1 to 255 visible ASCII characters, bare or as a quoted string (RFC 8941). Only counts where the body has no `reference`.
         * @example 8e03978e-40d5-43dd-bc93-6894a57f9324
         */
        IdempotencyKey: string;
        /**
         * @description Your own id for the process that this is part of; it is in the order's logs and events. Anything but 1 to 128 visible ASCII characters is replaced by the request's id.
         * @example checkout-7d3f
         */
        CorrelationId: string;
        /**
         * @description The trace that the order belongs to (W3C Trace Context); it is in the order's events. Its sampled flag is replaced: whether it is recorded here is decided here. Anything else is replaced by a new trace.
         * @example 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
         */
        Traceparent: string;
        /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
        OnBehalfOf: string;
        /** @description Maximum number of orders on the page. It has fewer if they are very large. */
        Limit: number;
        /** @description The `nextCursor` of the previous page. */
        Cursor: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description API Gateway's id of the request, also in our logs.
         * @example JKJaXmPLvHcESHA=
         */
        RequestId: string;
        /**
         * @description The path of the order.
         * @example /orders/ord_2977811f842cb860bf6f64cb7b1dbdf4
         */
        Location: string;
        /** @description Present if the order had been placed before. */
        IdempotencyReplayed: "true";
        /**
         * @description How to authenticate.
         * @example Bearer
         */
        WwwAuthenticate: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listOrders: {
        parameters: {
            query?: {
                /** @description Maximum number of orders on the page. It has fewer if they are very large. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the previous page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of orders. */
            200: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderPage"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["ServerError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Identifies this order among yours, permanently: 1 to 255 visible ASCII characters, bare or as a quoted string (RFC 8941). Only counts where the body has no `reference`.
                 * @example 8e03978e-40d5-43dd-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
                /**
                 * @description Your own id for the process that this is part of; it is in the order's logs and events. Anything but 1 to 128 visible ASCII characters is replaced by the request's id.
                 * @example checkout-7d3f
                 */
                "x-correlation-id"?: components["parameters"]["CorrelationId"];
                /**
                 * @description The trace that the order belongs to (W3C Trace Context); it is in the order's events. Its sampled flag is replaced: whether it is recorded here is decided here. Anything else is replaced by a new trace.
                 * @example 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
                 */
                traceparent?: components["parameters"]["Traceparent"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 128 KiB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderRequest"];
            };
        };
        responses: {
            /** @description The order is placed, by this request or an earlier one. */
            201: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    location: components["headers"]["Location"];
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderReceipt"];
                };
            };
            400: components["responses"]["InvalidOrder"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["AlreadyCancelled"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["KeyReused"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["ServerError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /**
                 * @description The order's id, from the answer to placing it.
                 * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
                 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["Unreadable"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["ServerError"];
            503: components["responses"]["Unavailable"];
        };
    };
    correctOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /**
                 * @description The order's id, from the answer to placing it.
                 * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
                 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        /** @description At most 128 KiB of JSON. */
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["OrderCorrection"];
                "application/json": components["schemas"]["OrderCorrection"];
            };
        };
        responses: {
            /** @description The order, corrected. */
            200: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedOrder"];
                };
            };
            400: components["responses"]["InvalidCorrection"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["NotCorrectableNow"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["NotCorrectable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["ServerError"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma. */
                "On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /**
                 * @description The order's id, from the answer to placing it.
                 * @example ord_2977811f842cb860bf6f64cb7b1dbdf4
                 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order, cancelled. */
            200: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedOrder"];
                };
            };
            /** @description The order, which is being cancelled. */
            202: {
                headers: {
                    "apigw-requestid": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedOrder"];
                };
            };
            400: components["responses"]["Unreadable"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["TooLate"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["ServerError"];
            503: components["responses"]["CannotCancelNow"];
        };
    };
}
