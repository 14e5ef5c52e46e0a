//! Specs of any size, for benchmarks of costs that grow with the spec.

use std::fmt::Write as _;

/// A number as letters: names of groups are words.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// The spec of a service with this number of operations: three kinds in turn, each with its own types.
#[must_use]
pub fn synthetic(operations: usize) -> String {
    let mut paths = String::new();
    let mut schemas = String::new();
    for n in 0..operations {
        let group = letters(n / 10);
        let head = format!(
            "      x-sdk-group: group-{group}\n      tags: [Group{group}]\n      summary: Operation number {n}\n      \
             description: Does the thing that has the number {n}.\n      externalDocs:\n        \
             url: https://docs.example.com/{n}\n"
        );
        let account = "        - $ref: \"#/components/parameters/AccountId\"\n";
        let answer = format!(
            "      responses:\n        \"200\":\n          description: The answer.\n          content:\n            \
             application/json:\n              schema:\n                $ref: \"#/components/schemas/Answer{n}\"\n              \
             example:\n                items:\n                  - id: a{n}\n                    amount: 1.5\n                    \
             kind: USAGE\n        \"404\":\n          $ref: \"#/components/responses/Problem\"\n"
        );
        let _ = match n % 3 {
            0 => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/lists{n}:\n    get:\n      operationId: listThings{n}\n{head}      \
                 x-sdk-pagination:\n        style: cursor\n        token: cursor\n        size: limit\n        items: items\n        \
                 next-href: next.href\n        next-token: next.cursor\n      parameters:\n{account}        \
                 - $ref: \"#/components/parameters/Cursor\"\n        - $ref: \"#/components/parameters/Limit\"\n{answer}"
            ),
            1 => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/gets{n}:\n    get:\n      operationId: getThing{n}\n{head}      \
                 parameters:\n{account}        - name: kind\n          in: query\n          description: The kind to keep.\n          \
                 schema:\n            $ref: \"#/components/schemas/Kind{}\"\n{answer}",
                n - n % 6
            ),
            _ => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/posts{n}:\n    post:\n      operationId: createThing{n}\n{head}      \
                 parameters:\n{account}      requestBody:\n        required: true\n        content:\n          \
                 application/json:\n            schema:\n              $ref: \"#/components/schemas/New{n}\"\n{answer}"
            ),
        };
        let _ = writeln!(
            schemas,
            "    Answer{n}:\n      type: object\n      description: Answer number {n}.\n      properties:\n        items:\n          \
             type: array\n          description: The items.\n          items:\n            \
             $ref: \"#/components/schemas/Item{n}\"\n        next:\n          description: The page after this one.\n          \
             allOf:\n            - $ref: \"#/components/schemas/Next\"\n    Item{n}:\n      type: object\n      \
             description: Item number {n}.\n      properties:\n        id:\n          type: string\n          description: Its id.\n        \
             amount:\n          type: number\n          format: decimal\n          description: What it costs, in dollars.\n        \
             kind:\n          description: What it is.\n          allOf:\n            - $ref: \"#/components/schemas/Kind{}\"",
            n - n % 6
        );
        for field in 0..8 {
            let _ = writeln!(
                schemas,
                "        field{field}:\n          type: string\n          description: Field number {field}."
            );
        }
        if n % 3 == 2 {
            let _ = writeln!(
                schemas,
                "    New{n}:\n      type: object\n      description: A thing to make, number {n}.\n      required: [name]\n      \
                 properties:\n        name:\n          type: string\n          minLength: 1\n          maxLength: 64\n          \
                 description: Its name.\n        share:\n          type: integer\n          format: int32\n          minimum: 0\n          \
                 maximum: 100\n          description: Its share, in percent."
            );
        }
        if n % 6 == 0 {
            let _ = writeln!(
                schemas,
                "    Kind{n}:\n      type: string\n      description: A kind, number {n}.\n      enum: [USAGE, SUPPORT, TAX, CREDIT, REFUND]"
            );
        }
    }
    let tags: String =
        (0..operations.div_ceil(10)).map(|group| format!("  - name: Group{}\n", letters(group))).collect();
    format!(
        "openapi: 3.0.3\ninfo:\n  title: Synthetic\n  version: \"1\"\nservers:\n  - url: https://api.example.com\n    \
         description: Everywhere\nsecurity:\n  - token: []\ntags:\n{tags}paths:\n{paths}components:\n  securitySchemes:\n    \
         token:\n      type: http\n      scheme: bearer\n  parameters:\n    AccountId:\n      name: accountId\n      in: path\n      \
         required: true\n      description: Id of the account.\n      schema:\n        type: string\n    Cursor:\n      name: cursor\n      \
         in: query\n      description: Where the page begins.\n      schema:\n        type: string\n    Limit:\n      name: limit\n      \
         in: query\n      description: Size of a page, a count of items.\n      schema:\n        type: integer\n        format: int32\n        \
         minimum: 1\n        maximum: 100\n        default: 50\n  responses:\n    Problem:\n      description: What went wrong.\n      \
         content:\n        application/json:\n          schema:\n            $ref: \"#/components/schemas/Problem\"\n  schemas:\n    \
         Problem:\n      type: object\n      description: An error.\n      properties:\n        message:\n          type: string\n          \
         description: What went wrong.\n    Next:\n      type: object\n      description: Where the next page is.\n      properties:\n        \
         href:\n          type: string\n          description: Its address.\n        cursor:\n          type: string\n          \
         description: Its cursor.\n{schemas}"
    )
}
