//
//  CAPInstancePlugin.swift
//  Capacitor
//
//  Created by Steven Sherry on 11/21/22.
//  Copyright © 2022 Drifty Co. All rights reserved.
//

/// A CAPPlugin subclass meant to be explicitly initialized by the caller and not the bridge.
@objc open class CAPInstancePlugin: CAPPlugin {}
