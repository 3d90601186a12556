/**
 * What a mapping framework says of classes: tables, columns, and which rows belong to
 * which.
 */
@NullMarked
package io.github.deletionpolicy.mapping;

import org.jspecify.annotations.NullMarked;
