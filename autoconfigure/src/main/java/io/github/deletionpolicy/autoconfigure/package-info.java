/**
 * Wires deletion policies into a Spring Boot application: properties, beans, the ledger's
 * schema, and what is said when the start fails; no rule of deleting or purging lives
 * here.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure;

import org.jspecify.annotations.NullMarked;
