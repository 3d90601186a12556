/**
 * What deletes by policy require of an application: which bean is meant, and what to
 * write where one is missing.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.require;

import org.jspecify.annotations.NullMarked;
