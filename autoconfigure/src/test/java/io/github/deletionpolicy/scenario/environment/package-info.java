/**
 * Applications with other libraries, rights and versions than usual.
 */
@NullMarked
package io.github.deletionpolicy.scenario.environment;

import org.jspecify.annotations.NullMarked;
