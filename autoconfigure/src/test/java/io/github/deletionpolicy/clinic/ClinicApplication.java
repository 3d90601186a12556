package io.github.deletionpolicy.clinic;

import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
class ClinicApplication {

}
